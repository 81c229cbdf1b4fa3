// Talks to /api/editor. Every refusal becomes an ApiError whose code the page says in its own language.

export class ApiError extends Error {
  /** @param {number} status @param {{code?: string, field?: string, message?: string}} data */
  constructor(status, data) {
    super(data.message ?? "");
    this.status = status;
    this.code = data.code ?? "error";
    this.field = data.field ?? null;
    this.data = data;
  }
}

const meta = /** @type {HTMLMetaElement} */ (document.querySelector('meta[name="csrf-token"]'));

/** @param {string} method @param {string} path @param {object | FormData | Blob} [body] a file goes as it is, anything else as JSON */
export async function call(method, path, body) {
  let response = await send(method, path, body);
  if (response.status === 403 && method !== "GET" && (await renewed())) response = await send(method, path, body);
  const data = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(response.status, data);
  return data;
}

/** Read an answer that comes line by line, each a piece of JSON. @param {string} path @param {object} body @param {AbortSignal} signal @param {(line: any) => void} told */
export async function lines(path, body, signal, told) {
  const response = await send("POST", path, body, signal);
  if (!response.ok || !response.body) throw new ApiError(response.status, {});
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const whole = (rest + part.value).split("\n");
    rest = whole.pop() ?? "";
    for (const line of whole) told(JSON.parse(line));
  }
}

/** @param {string} method @param {string} path @param {object | FormData | Blob} [body] @param {AbortSignal} [signal] */
async function send(method, path, body, signal) {
  const isForm = body instanceof FormData || body instanceof Blob;
  /** @type {Record<string, string>} */
  const headers = { "X-CSRF-Token": meta.content, Accept: "application/json" };
  if (body && !isForm) headers["Content-Type"] = "application/json";
  try {
    return await fetch(`/api/editor${path}`, { method, headers, body: isForm ? body : body && JSON.stringify(body), signal });
  } catch {
    throw new ApiError(0, { code: "offline" });
  }
}

/** After a new log-in in another tab the token differs: take the new one, so that nothing typed here is lost. */
async function renewed() {
  const page = await fetch("/editor", { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html").querySelector('meta[name="csrf-token"]');
  const token = fresh?.getAttribute("content");
  if (!token || token === meta.content) return false;
  meta.content = token;
  return true;
}
