// Runs before the first paint: the rail keeps the width its reader chose.
if (window.localStorage.getItem("guanxi.rail") === "folded") {
  document.documentElement.dataset.rail = "folded";
}
