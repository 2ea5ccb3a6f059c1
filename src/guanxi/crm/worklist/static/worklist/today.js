// After a contact is saved from a row of the day's list: ask the list again and open the row that stands in its place.
const list = () => document.getElementById("today-list");
const rows = () => [...document.querySelectorAll("#today-list .today-rows[data-list] tr[data-task]")];
let place = -1; // of the row just done, until the list has come again

function openNext() {
  const next = rows()[Math.min(place, rows().length - 1)];
  place = -1;
  if (!next) return;
  next.classList.add("at");
  next.scrollIntoView({ block: "nearest" });
  next.click();
}

document.addEventListener("guanxi:logged", (event) => {
  const task = event.target.dataset?.task;
  if (!task || !list()) return;
  place = Math.max(0, rows().findIndex((row) => row.dataset.task === task));
  window.htmx.trigger(list(), "guanxi:worklist");
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (place >= 0 && event.detail.target === list()) openNext();
});

// What stood in the dialog goes with it: the next row's form must not inherit the attributes of fields of the same id.
document.addEventListener("close", (event) => {
  if (event.target.id === "dialog" && list()) document.getElementById("dialog-body").replaceChildren();
}, true);
