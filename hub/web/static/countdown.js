// Counts down until a notice goes out, then looks how it stands. Without this script the page loads anew by itself.

const clock = document.querySelector("[data-left]");
if (clock) {
  const shown = clock.querySelector("[data-seconds]");
  const began = performance.now();
  const left = Number(clock.dataset.left);
  const tick = () => {
    const rest = left - (performance.now() - began) / 1000;
    shown.textContent = String(Math.max(0, Math.ceil(rest)));
    if (rest > -1.5) setTimeout(tick, 200);
    else location.replace(location.pathname);
  };
  tick();
}
