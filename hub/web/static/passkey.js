// Passkeys: the browser asks its owner, we ask our own server. Password and codes work without this script too.

// A passkey belongs to a host with a name; at a bare address there is none.
const able = window.PublicKeyCredential && navigator.credentials && !/^[\d.]+$|:/.test(location.hostname);
const fault = document.querySelector("[data-passkey-fault]");

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const named = (list) => (list ?? []).map((one) => ({...one, id: bytes(one.id)}));

const post = async (url, token, body) => {
  const answer = await fetch(url, {
    method: "POST", headers: {"Content-Type": "application/json", "X-CSRFToken": token}, body: JSON.stringify(body ?? {}),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error ?? "", {cause: "server"});
  return said;
};

const created = async (options) => {
  const made = await navigator.credentials.create({publicKey: {
    ...options, challenge: bytes(options.challenge), user: {...options.user, id: bytes(options.user.id)},
    excludeCredentials: named(options.excludeCredentials),
  }});
  return {id: made.id, rawId: text(made.rawId), type: made.type, response: {
    clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  }};
};

const signed = async (options) => {
  const found = await navigator.credentials.get({publicKey: {
    ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials),
  }});
  const handle = found.response.userHandle;
  return {id: found.id, rawId: text(found.rawId), type: found.type, response: {
    clientDataJSON: text(found.response.clientDataJSON), authenticatorData: text(found.response.authenticatorData),
    signature: text(found.response.signature), userHandle: handle ? text(handle) : null,
  }};
};

const after = {
  "sign-in": (said) => location.assign(said.next),
  prove: (_said, button) => {
    const {form} = button;
    if (!("sends" in form.dataset)) return location.assign(form.dataset.target);
    form.action = form.dataset.target;
    return form.submit();
  },
  make: (said) => {
    if (!said.codes.length) return location.assign(said.next);
    const section = document.querySelector("[data-codes]");
    section.querySelector("ul").replaceChildren(...said.codes.map((code) => {
      const line = document.createElement("li");
      line.append(Object.assign(document.createElement("code"), {textContent: code}));
      return line;
    }));
    for (const box of document.querySelectorAll("main .box")) box.hidden = true;
    section.hidden = false;
    return section.querySelector("h2").focus();
  },
};

for (const button of document.querySelectorAll("[data-passkey]")) {
  button.hidden = !able;
  const {passkey: act, ask, answer, token, failed} = button.dataset;
  button.addEventListener("click", async () => {
    fault.hidden = true;
    button.disabled = true;
    try {
      const options = await post(ask, token);
      const given = await (act === "make" ? created(options) : signed(options));
      const name = document.getElementById("passkey-name")?.value ?? "";
      const target = act === "make" ? `${answer}?${new URLSearchParams({name})}` : answer;
      after[act](await post(target, token, given), button);
    } catch (error) {
      fault.querySelector("p").textContent = error.cause === "server" && error.message ? error.message : failed;
      fault.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
}
if (able) for (const section of document.querySelectorAll("[data-passkey-only]")) section.hidden = false;
