// What every module asks of the page.

export const root = document.documentElement;
export const $ = (id) => document.getElementById(id);
export const all = (css) => document.querySelectorAll(css);
export const digitsOf = (text) => text.normalize("NFKC").replace(/\D/g, "");
