// After a contact is saved from a row of the day's list: ask the list again and open the row that stands in its place.
const list = () => document.getElementById("today-list");
const rows = () => [...document.querySelectorAll("#today-list .today-rows[data-list] tr[data-task]")];

document.addEventListener("guanxi:logged", async (event) => {
  const task = event.target.dataset?.task;
  if (!task || !list()) return;
  const at = Math.max(0, rows().findIndex((row) => row.dataset.task === task));
  await window.htmx.ajax("GET", list().getAttribute("hx-get"), { target: "#today-list", swap: "innerHTML" });
  const next = rows()[Math.min(at, rows().length - 1)];
  if (!next) return;
  next.classList.add("at");
  next.scrollIntoView({ block: "nearest" });
  next.click();
});
