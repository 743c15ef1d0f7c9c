// What the pages gain with a script: they update by themselves, and single keys act.
// Everything works without it. Nothing here writes HTML: a page is fetched as a document, and
// whole elements of it take the place of those with the same id.
"use strict";

(() => {
  const SOON = 200;
  const LATE = 30_000;
  const live = () => [...document.querySelectorAll("[data-live][id]")];

  /* Updating */

  const FIELDS = "input, textarea, select";

  const changed = (field) =>
    field.type === "checkbox" || field.type === "radio"
      ? field.checked !== field.defaultChecked
      : field.matches("select")
        ? [...field.options].some((one) => one.defaultSelected && !one.selected)
        : field.value !== field.defaultValue;

  const typing = (element) =>
    (element.contains(document.activeElement) && document.activeElement.matches(FIELDS)) ||
    [...element.querySelectorAll(FIELDS)].some(changed);

  const atEnd = (element) => element.scrollHeight - element.scrollTop - element.clientHeight < 40;
  const foldName = (fold) => `${fold.closest("[id]").id} ${fold.querySelector("summary").textContent}`;

  function replace(old, fresh) {
    const open = new Set([...old.querySelectorAll("details[open]")].map(foldName));
    for (const fold of fresh.querySelectorAll("details")) if (open.has(foldName(fold))) fold.open = true;
    if (old.isEqualNode(fresh)) return;
    const held = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const place = atEnd(old) ? null : old.scrollTop;
    old.replaceWith(document.adoptNode(fresh));
    fresh.scrollTop = place ?? fresh.scrollHeight;
    if (held) fresh.querySelector(`[href="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  }

  function update(page) {
    localTimes(page);
    let stale = false;
    for (const old of live()) {
      const fresh = page.getElementById(old.id);
      if (!fresh) continue;
      if (typing(old)) stale ||= !sameChoices(old, fresh);
      else replace(old, fresh);
    }
    const composer = document.querySelector(".composer");
    if (composer && !page.querySelector(".composer")) {
      if (typing(composer)) stale = true;
      else composer.remove();
    }
    const notice = document.querySelector("[data-stale]");
    if (notice) notice.hidden = !stale;
    if (document.title !== page.title) document.title = page.title;
    announce();
  }

  const sameChoices = (a, b) =>
    [...a.querySelectorAll("form")].map((f) => f.action).join() ===
    [...b.querySelectorAll("form")].map((f) => f.action).join();

  function announce() {
    const place = document.querySelector("[data-news]");
    const news = document.querySelector("[data-news-text]")?.dataset.newsText ?? document.title;
    if (place && place.dataset.said !== news) {
      if (place.dataset.said) place.textContent = news;
      place.dataset.said = news;
    }
  }

  let waiting = null;

  // A page that answers a form is not where its address says: what it shows is at `data-at`.
  function here() {
    const at = document.querySelector("[data-at]")?.dataset.at;
    return at && at !== location.pathname ? at : location.pathname + location.search;
  }

  function fetchSoon(delay = SOON) {
    waiting ??= setTimeout(() => {
      waiting = null;
      const request = new XMLHttpRequest();
      request.responseType = "document"; // never a string of HTML: nothing to inject into
      request.onload = () => {
        if (new URL(request.responseURL).pathname === "/login") location.assign("/login");
        else if (request.status === 200) update(request.responseXML);
      };
      request.open("GET", here());
      request.send();
    }, delay);
  }

  // The feed tells what changed, not how; its reader then looks at the page again. Tabs that nobody
  // sees leave it, because a browser has few connections to a site: they look every half a minute.
  function follow() {
    if (!live().length) return;
    const about = new Set(live().flatMap((region) => region.dataset.live.split(" ")));
    let feed = null;
    const heard = (event) => {
      const { kind, subject, data } = JSON.parse(event.data);
      if ([kind, subject, data.conversation_id, data.escalation_id].some((one) => about.has(one))) fetchSoon();
    };
    const connect = () => {
      feed?.close();
      if (document.hidden) return;
      feed = new EventSource("/v1/events");
      for (const kind of ["escalation", "conversation", "delivery", "incident"]) feed.addEventListener(kind, heard);
      feed.onopen = () => {
        say("Updates by itself");
        fetchSoon();
      };
      feed.onerror = () => {
        say("Connection lost, trying again …");
        if (feed.readyState !== EventSource.CLOSED) return;
        fetchSoon(); // it was refused: the login may be over
        setTimeout(connect, LATE);
      };
    };
    document.addEventListener("visibilitychange", connect);
    addEventListener("pageshow", connect); // at first, and when it comes back from the browser's memory
    addEventListener("pagehide", () => feed?.close());
    setInterval(fetchSoon, LATE, 0); // waiting times grow by themselves
    announce();
  }

  function say(text) {
    const place = document.querySelector("[data-connection]");
    if (place) place.textContent = text;
  }

  /* Keys */

  const STORE = "handoff-keys";
  const on = () => localStorage.getItem(STORE) !== "off";

  function keys() {
    const help = document.querySelector("[data-keys]");
    const box = document.querySelector("[data-keys-on]");
    if (!help || !box) return;
    help.hidden = false;
    box.checked = on();
    box.addEventListener("change", () => localStorage.setItem(STORE, box.checked ? "on" : "off"));
    document.addEventListener("keydown", (event) => {
      if (!on() || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target.closest?.("input, textarea, select")) return;
      if (event.key === "?") help.open = !help.open;
      else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
      else if (!act(event.key)) return;
      event.preventDefault();
    });
  }

  function step(by) {
    const rows = [...document.querySelectorAll("[data-row]")];
    const next = rows.indexOf(document.activeElement) + by;
    rows[Math.min(Math.max(next, 0), rows.length - 1)]?.focus();
  }

  function act(key) {
    if (!/^[a-z]$/.test(key)) return false;
    const target = document.querySelector(`[data-key="${key}"]`);
    if (!target) return false;
    if (target.matches("textarea")) target.focus();
    else if (target.matches("summary")) {
      target.parentElement.open = true;
      target.parentElement.querySelector("input:not([type=hidden]), textarea, select")?.focus();
    } else target.click();
    return true;
  }

  /* Times and places */

  function localTimes(page) {
    for (const time of page.querySelectorAll("time[datetime]:not([title])"))
      if (time.dateTime) time.title = new Date(time.dateTime).toLocaleString();
  }

  function newestFirst() {
    const scroll = document.querySelector(".scroll");
    if (scroll && !location.hash) scroll.scrollTop = scroll.scrollHeight;
  }

  localTimes(document);
  newestFirst();
  follow();
  keys();
})();
