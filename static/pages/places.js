// Draws an input as so many places that fill up. The input itself stays, for fingers, keyboards and screen readers.

export function places(input) {
  const cells = [];
  const draw = () => cells.forEach((cell, at) => {
    const text = [...input.value];
    cell.textContent = text[at] || "";
    cell.classList.toggle("full", at < text.length);
    cell.classList.toggle("next", at === Math.min(text.length, cells.length - 1));
  });
  const resize = (count) => {
    cells.splice(0).forEach((cell) => cell.remove());
    for (let at = 0; at < count; at++) {
      const cell = document.createElement("i");
      cell.setAttribute("aria-hidden", "true");
      cells.push(cell);
    }
    input.after(...cells);
    draw();
  };
  input.addEventListener("input", draw);
  return { draw, resize };
}
