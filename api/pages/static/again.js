// The server was busy: loading the page anew sends the very request again, the chosen file included.
const button = document.getElementById("gui-lai");
button.hidden = false;
button.addEventListener("click", () => location.reload());
