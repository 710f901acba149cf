// Sends the form on to the application at once. Without scripts a person presses its button.
"use strict";
document.querySelector("form").submit();
