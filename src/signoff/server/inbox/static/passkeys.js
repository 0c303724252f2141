// Passkeys on the inbox's pages: registering one, signing in and signing an answer with one.
//
// Without this file the pages work all the same, but for what only a script can do. It shows what
// needs it, asks the browser, puts the reply into the form and sends that as it would be sent
// anyway. Whatever is judged, is judged by the server.
"use strict";

(() => {
  const able = Boolean(window.PublicKeyCredential && navigator.credentials);
  let busy = false;

  function bytes(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  }

  function base64url(buffer) {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function named(credentials) {
    return credentials.map((each) => ({ ...each, id: bytes(each.id) }));
  }

  function reply(credential, parts) {
    const response = {};
    for (const part of parts) {
      response[part] = base64url(credential.response[part]);
    }
    const { id, type } = credential;
    return JSON.stringify({ id, rawId: base64url(credential.rawId), type, response });
  }

  async function create(options) {
    const made = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: named(options.excludeCredentials),
      },
    });
    return reply(made, ["clientDataJSON", "attestationObject"]);
  }

  async function get(options) {
    const used = await navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        allowCredentials: named(options.allowCredentials ?? []),
      },
    });
    return reply(used, ["clientDataJSON", "authenticatorData", "signature"]);
  }

  // The same fields as the form would send, with what is added.
  function fields(form, added) {
    const body = new URLSearchParams(new FormData(form));
    for (const [name, value] of Object.entries(added)) {
      body.set(name, value);
    }
    return body;
  }

  function ask(path, body) {
    return fetch(path, { method: "POST", body, credentials: "same-origin", redirect: "error" });
  }

  function send(form, added) {
    for (const [name, value] of Object.entries(added)) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      field.dataset.added = "";
      form.append(field);
    }
    HTMLFormElement.prototype.submit.call(form);
  }

  function why(error) {
    switch (error.name) {
      case "InvalidStateError":
        return "This device has a passkey of yours registered here already.";
      case "NotAllowedError":
      case "AbortError":
        return "You canceled, or it took too long. Nothing was recorded; try again when you like.";
      case "SecurityError":
        return "The browser allows no passkeys at this address. Nothing was recorded.";
      default:
        return "It did not work, and nothing was recorded. Reload the page and try again.";
    }
  }

  // One thing at a time: what is done while the browser asks is said where the form says so.
  async function doing(form, work) {
    const said = form.querySelector("[data-said]");
    const buttons = form.querySelectorAll("button");
    if (busy) {
      return;
    }
    busy = true;
    buttons.forEach((button) => { button.disabled = true; });
    try {
      await work((text) => { said.textContent = text; });
    } catch (error) {
      said.textContent = why(error);
    } finally {
      busy = false;
      buttons.forEach((button) => { button.disabled = false; });
    }
  }

  function add(form) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      doing(form, async (say) => {
        say("Follow your browser or device.");
        const response = await ask(form.dataset.add, fields(form, {}));
        const answer = await response.json();
        if (!response.ok) {
          say(answer.message);
          return;
        }
        form.elements.credential.value = await create(answer.options);
        send(form, {});
      });
    });
  }

  function use(form) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      doing(form, async (say) => {
        say("Follow your browser or device.");
        const response = await ask(form.dataset.use, fields(form, {}));
        const answer = await response.json();
        if (!response.ok) {
          say(answer.message);
          return;
        }
        form.elements.credential.value = await get(answer.options);
        send(form, {});
      });
    });
  }

  function sign(form, outcome) {
    doing(form, async (say) => {
      say("Checking your answer.");
      const response = await ask(form.dataset.sign, fields(form, { outcome }));
      if (response.status === 409 || response.status === 422) {
        // The page says what is wrong, beside the fields; it takes nothing without a signature.
        send(form, { outcome, signing: "yes" });
        return;
      }
      const { says, statement, options } = await response.json();
      say(says);
      const shown = form.querySelector("[data-statement]");
      shown.hidden = false;
      shown.querySelector("code").textContent = statement;
      send(form, { outcome, signing: "yes", signature: await get(options) });
    });
  }

  function signs(form) {
    form.querySelectorAll("[data-signable], [data-outcome]").forEach((each) => {
      each.hidden = false;
    });
    for (const button of form.querySelectorAll("[data-outcome]")) {
      button.addEventListener("click", () => sign(form, button.dataset.outcome));
    }
  }

  document.querySelectorAll("[data-unsupported]").forEach((note) => { note.hidden = able; });
  if (able) {
    document.querySelectorAll("form[data-add]").forEach(add);
    document.querySelectorAll("form[data-sign]").forEach(signs);
    document.querySelectorAll("form[data-use]").forEach(use);
  }

  // A page that the browser has kept comes back with what was added to its forms.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("[data-added]").forEach((field) => field.remove());
  });
})();
