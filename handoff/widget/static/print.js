// Without scripts the browser's own menu prints as well, so the button comes with the script.
const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());
