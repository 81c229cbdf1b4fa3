"""Speed and memory beside a stock Rasa: the same machine, the same data, turn by turn. `abiline bench` runs it.

Times mean little on other people's machines, so everything here is told as a ratio of two measurements of one run.
"""
