// The control API.

async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(`/control/${path}`, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Error("The simulated tenant does not answer. Is it still running?");
  }
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(sentence(json.error ?? `It answered ${answer.status}.`));
  return json;
}

/** Errors of the API begin small and end without a stop. */
function sentence(text) {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

export const get = (path, options) => ask("GET", options ? `${path}?${new URLSearchParams(options)}` : path);
export const post = (path, body) => ask("POST", path, body);
export const remove = (path) => ask("DELETE", path);
