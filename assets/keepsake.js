// What the pages do in the browser: they pass clicks and forms on to Python, keep the address in step,
// follow a reply as it grows, and listen for keys. No words live here: pages bring their own.
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const stored = (key, value) => {
    try {
      if (value === undefined) return sessionStorage.getItem(key) ?? localStorage.getItem(key) ?? "";
      sessionStorage.setItem(key, value);
      localStorage.setItem(key, value);
    } catch { /* private windows may refuse storage; the page works without */ }
    return "";
  };

  /** Where the person is: the address plus the chosen persona. Every event carries it. */
  const where = () => {
    const query = new URLSearchParams(location.search);
    if (!query.get("p") && stored("ks-persona")) query.set("p", stored("ks-persona"));
    return query.toString();
  };
  const go = (changes) => {
    const query = new URLSearchParams(location.search);
    for (const [key, value] of Object.entries(changes)) value ? query.set(key, value) : query.delete(key);
    const text = query.toString();
    history.replaceState(history.state, "", location.pathname + (text ? `?${text}` : ""));
  };

  /** Ask in a dialog; resolves to the answer, or null. The dialog's own words come from its template. */
  const ask = (data) => new Promise((resolve) => {
    const dialog = one("#ask-dialog");
    const field = one("input.field", dialog);
    one("p", dialog).textContent = data.confirm ?? data.prompt;
    one("button.go", dialog).textContent = data.yes ?? "";
    one("button.go", dialog).classList.toggle("danger", data.confirm !== undefined && data.gentle === undefined);
    field.hidden = data.prompt === undefined;
    field.value = data.value ?? "";
    dialog.returnValue = "";
    dialog.onclose = () => resolve(dialog.returnValue === "yes" ? { text: field.value } : null);
    dialog.showModal();
    if (!field.hidden) field.select();
  });

  const fields = (form, submitter) => {
    const out = {};
    for (const [key, value] of new FormData(form, submitter)) if (typeof value === "string") out[key] = value;
    return out;
  };

  /** Pass on what happens inside a part: `data-act` names the event, its other data-* go along. */
  const bind = (element, trigger, acts, watch) => {
    const send = async (act, node, extra = {}) => {
      if (!acts.includes(act)) return;
      const data = { ...node.dataset };
      const answer = data.confirm !== undefined || data.prompt !== undefined ? await ask(data) : {};
      if (answer === null) return;
      if (data.go !== undefined) go(Object.fromEntries(new URLSearchParams(data.go)));
      if (data.mark !== undefined) mark(element, node);
      trigger(act, { ...data, ...extra, ...answer, where: where() });
    };
    element.addEventListener("click", (event) => {
      const node = event.target.closest("[data-act]");
      if (!node || node.tagName === "FORM" || (node.type === "submit" && node.form)) return;
      event.preventDefault();
      node.closest("details.menu")?.removeAttribute("open");
      send(node.dataset.act, node);
    });
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      const form = event.target;
      if (form.closest("#composer") && (one("#live [data-busy]") || !box().value.trim())) return;
      const node = event.submitter?.dataset.act ? event.submitter : form;
      const values = fields(form, event.submitter);
      if (form.dataset.live !== undefined) go({ ...values, n: "" });
      form.dispatchEvent(new CustomEvent("ks-sent", { bubbles: true }));
      delete form.dataset.told;
      send(node.dataset.act, node, values);
    });
    watch("value", () => {
      const node = one("[data-now]", element);
      if (node) trigger(node.dataset.now, { ...node.dataset, where: where() });
    });
    let timer = 0;
    element.addEventListener("input", (event) => {
      const typed = event.target.closest("form[data-typing]");
      if (typed && !typed.dataset.told) {
        typed.dataset.told = "yes";
        send(typed.dataset.typing, typed);
      }
      const form = event.target.closest("form[data-live]");
      if (!form) return;
      clearTimeout(timer);
      timer = setTimeout(() => form.requestSubmit(), event.target.tagName === "SELECT" ? 0 : 250);
    });
  };
  const mark = (element, node) => {
    one("[aria-current=true]", element)?.removeAttribute("aria-current");
    node.setAttribute("aria-current", "true");
  };

  // The transcript: stay at the end while the reply grows, unless the person has scrolled up.
  const talk = { pinned: true, gap: 0, count: 0, shown: "" };
  const messages = () => document.querySelectorAll("#talk .msg").length;
  const scroller = () => one("#scroll");
  const settle = () => {
    const box = scroller();
    if (!box) return;
    const shown = one("#talk [data-conversation]")?.dataset.conversation ?? "";
    const live = one("#live [data-of]");
    if (live) live.hidden = live.dataset.of !== shown;
    if (shown !== talk.shown) Object.assign(talk, { shown, pinned: true, gap: 0 });
    if (talk.gap && messages() > talk.count) {
      box.scrollTop = box.scrollHeight - talk.gap;
      talk.gap = 0;
    } else if (talk.pinned) box.scrollTop = box.scrollHeight;
    const wanted = location.hash.startsWith("#m-") && document.getElementById(location.hash.slice(1));
    if (wanted) {
      wanted.scrollIntoView({ block: "center" });
      wanted.classList.add("found");
      talk.pinned = false;
      go({});
    }
  };
  const watchScroll = (box) => {
    if (box.dataset.watched) return;
    box.dataset.watched = "yes";
    box.addEventListener("scroll", () => {
      talk.pinned = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
    }, { passive: true });
  };

  // The message box: grows, keeps a draft for each conversation, gives a refused text back.
  const box = () => one("#composer textarea");
  const draft = () => `ks-draft-${one("#talk [data-conversation]")?.dataset.conversation ?? ""}`;
  const grow = (area) => {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 220)}px`;
  };
  const write = (text) => {
    const area = box();
    if (!area) return;
    area.value = text;
    grow(area);
    keep(text);
  };
  const keep = (text) => {
    try { text ? sessionStorage.setItem(draft(), text) : sessionStorage.removeItem(draft()); } catch { /* as above */ }
  };
  const editing = (on) => {
    const form = one("#composer form");
    if (!form) return;
    form.classList.toggle("editing", on);
    form.elements.mode.value = on ? "edit" : "";
  };
  const editLast = () => {
    const last = [...document.querySelectorAll("#talk [data-mine]")].pop();
    if (!last) return;
    editing(true);
    write(last.dataset.mine);
    box().focus();
  };
  let refilled = "";
  let unheard = "";
  const refill = () => {
    const node = one("#live [data-refill]");
    if (one("#live [data-busy]")) unheard = "";
    if (unheard && one(".toast-body.error")) {
      if (!box().value) write(unheard);
      unheard = "";
    }
    if (!node || node.dataset.number === refilled) return;
    refilled = node.dataset.number;
    if (!box().value) write(node.dataset.refill);
  };
  let drafted = null;
  const restoreDraft = () => {
    const key = draft();
    if (!box() || key === drafted) return;
    drafted = key;
    editing(false);
    let text = "";
    try { text = sessionStorage.getItem(key) ?? ""; } catch { /* as above */ }
    box().value = text;
    grow(box());
    if (matchMedia("(hover: hover)").matches && !one("dialog[open]")) box().focus({ preventScroll: true });
  };
  document.addEventListener("input", (event) => {
    if (event.target !== box()) return;
    grow(event.target);
    if (!one("#composer form").classList.contains("editing")) keep(event.target.value);
  });
  document.addEventListener("ks-sent", (event) => {
    if (!event.target.closest("#composer")) return;
    unheard = box().value;
    setTimeout(() => { editing(false); write(""); talk.pinned = true; });
  });

  // A message goes by itself after a while, but not from under the pointer or the focus.
  let told = "";
  const tidy = () => {
    const said = one("#notice .said");
    if (!said || said.dataset.number === told) return;
    told = said.dataset.number;
    const leave = () => {
      if (!said.isConnected || said.dataset.number !== told) return;
      if (said.matches(":hover, :focus-within")) setTimeout(leave, 2000);
      else said.remove();
    };
    setTimeout(leave, one("button.undo", said) || said.matches(".warn") ? 20000 : 8000);
  };

  // One look at the page after each change.
  const apply = () => {
    const state = one("[data-state]");
    if (state) {
      const { persona, at, title } = state.dataset;
      if (persona) {
        stored("ks-persona", persona);
        if (new URLSearchParams(location.search).has("p")) go({ p: "" });
      }
      if (at !== undefined && at !== state.applied) {
        state.applied = at;
        history.replaceState(history.state, "", location.pathname + (at ? `?${at}` : "") + location.hash);
      }
      if (title && document.title !== title) document.title = title;
    }
    tidy();
    reopen();
    if (scroller()) {
      watchScroll(scroller());
      restoreDraft();
      refill();
      settle();
    }
  };
  // Thoughts that somebody opened while they grow stay open, though their part is made anew.
  const opened = new Set();
  document.addEventListener("click", (event) => {
    const node = event.target.closest?.("details[data-kept] > summary")?.parentNode;
    if (node) node.open ? opened.delete(node.dataset.kept) : opened.add(node.dataset.kept); // before it turns
  }, true);
  const reopen = () => document.querySelectorAll("details[data-kept]:not([open])").forEach((node) => {
    if (!opened.has(node.dataset.kept)) return;
    node.open = true;
    const inside = node.lastElementChild;
    inside.scrollTop = inside.scrollHeight;
  });
  let queued = false;
  new MutationObserver(() => {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; apply(); });
  }).observe(document.body ?? document.documentElement, {
    childList: true, subtree: true, characterData: true,
    attributes: true, attributeFilter: ["data-at", "data-persona", "data-conversation", "data-refill", "data-number"],
  });

  // Small things that need no server.
  const fold = () => document.documentElement.classList.remove("side-open");
  const closeMenus = (but) => document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== but) menu.removeAttribute("open");
  });
  document.addEventListener("click", (event) => {
    const node = event.target.closest("[data-do]");
    if (event.target.closest("#conversations .open, #people .new, #people .sheet button")) fold();
    closeMenus(event.target.closest("details.menu"));
    if (!node) return;
    const { do: what, text, target } = node.dataset;
    if (what === "copy") navigator.clipboard?.writeText(text).then(() => node.classList.add("copied"));
    if (what === "toggle") document.documentElement.classList.toggle(target);
    if (what === "edit") {
      node.closest("[data-editable]").classList.add("editing");
      one("textarea", node.closest("[data-editable]"))?.focus();
    }
    if (what === "cancel") node.closest("[data-editable]").classList.remove("editing");
    if (what === "edit-last") editLast();
    if (what === "stop-editing") { editing(false); write(""); }
    if (what === "keys") one("#keys-dialog")?.showModal();
    if (what === "close") node.closest("dialog").close();
    if (what === "earlier") {
      Object.assign(talk, { gap: scroller().scrollHeight - scroller().scrollTop, count: messages(), pinned: false });
    }
    if (what === "fold") fold();
    if (what === "dismiss") node.closest(".said").remove();
    if (what === "press") one(target)?.click();
  });

  const typing = (node) => node.matches?.("input, textarea, select, [contenteditable]");
  const press = (selector) => { const node = one(selector); node?.click(); return Boolean(node); };
  const keys = (event) => {
    const area = box();
    const free = !typing(event.target) || (event.target === area && area.value === "");
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (one("dialog[open]")) return false;
    if (event.key === "Enter" && event.target === area && !event.shiftKey && !event.isComposing) {
      one("#composer form").requestSubmit(one("#send"));
      return true;
    }
    if (event.key === "Escape") {
      if (one("details.menu[open]")) { closeMenus(); return true; }
      if (one("#composer form.editing")) { editing(false); write(""); return true; }
      if (one("#live [data-busy]")) return press("#stop");
      if (one("[data-editable].editing")) return press("[data-editable].editing [data-do=cancel]");
      fold();
      return press("[data-escape]");
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return press("[data-key=new]");
    const search = one("[data-key=search]");
    if (search && search !== document.activeElement &&
        (((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f") || (event.key === "/" && plain && !typing(event.target)))) {
      search.focus();
      search.select();
      return true;
    }
    if (event.key === "?" && plain && free) { one("#keys-dialog")?.showModal(); return true; }
    if (!free || !plain || event.shiftKey) return false;
    if (event.key === "ArrowUp" && event.target === area) { editLast(); return true; }
    if (event.key === "ArrowLeft") return press("[data-key=before]:not(:disabled)");
    if (event.key === "ArrowRight") return press("[data-key=after]:not(:disabled)");
    return false;
  };
  document.addEventListener("keydown", (event) => { if (keys(event)) event.preventDefault(); });

  window.ks = { bind, where, press: (selector) => { setTimeout(() => press(selector), 100); } };
})();
