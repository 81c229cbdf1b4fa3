// A stream of server-sent events that comes back by itself, from where it was.
import { logIn } from "./api.js";

const LONGEST_WAIT = 15_000;

/**
 * @param {() => string} address asked anew at each opening, so that it can name the last number
 * @param {Record<string, (data: any) => void>} handlers by event name
 * @param {(connected: boolean) => void} [onLine]
 * @returns {() => void} stops it
 */
export function follow(address, handlers, onLine = () => {}) {
  /** @type {EventSource | null} */
  let source = null;
  let wait = 1000;
  let timer = 0;
  let stopped = false;

  function open() {
    source = new EventSource(address());
    source.onopen = () => {
      wait = 1000;
      onLine(true);
    };
    source.onerror = () => {
      source?.close(); // the browser's own retry gives up on an error status; ours doesn't
      if (stopped) return;
      onLine(false);
      timer = window.setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    };
    source.addEventListener("logged_out", logIn);
    for (const [name, handle] of Object.entries(handlers)) source.addEventListener(name, (event) => handle(JSON.parse(/** @type {MessageEvent} */ (event).data)));
  }

  open();
  const close = () => source?.close();
  window.addEventListener("pagehide", close); // a page kept by the browser must not keep its agent here
  const again = (/** @type {PageTransitionEvent} */ event) => event.persisted && !stopped && open();
  window.addEventListener("pageshow", again);
  return () => {
    stopped = true;
    clearTimeout(timer);
    close();
    window.removeEventListener("pagehide", close);
    window.removeEventListener("pageshow", again);
  };
}
