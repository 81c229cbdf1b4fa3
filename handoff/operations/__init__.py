"""For those who keep the house running: is it alive and ready, what does it do and how quickly, what does the log say."""
