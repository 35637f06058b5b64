"use strict";
/* Keeps one screen true for as long as it hangs. What it shows stands in the document; this only
   exchanges faces when the server sends others, and says since when it hears nothing. For
   televisions of 2021: ES5, fetch and a canvas. */
(function () {
  var page = document.documentElement;
  var main = document.querySelector("main");   // none on a page that only says something
  var QUIET = 45000;            // without a word for so long, the line is dead
  var LONG = 900000;            // without one for a quarter of an hour, the number is old
  var SLOW = 15000;             // a line that has not come about by then does not
  var WAITS = [500, 1000, 2000, 4000, 8000, 15000, 30000];
  var AGAIN = 30000;            // until a page that could not be loaded anew is tried again
  var OURS = /data-build="[0-9a-f]+"/;
  var moved = [];               // what shifts by a few pixels now and then
  var party = null, parties = [], partyEnds = null;

  // --- loading anew ---

  var reloading = false;
  function reload() {
    if (!reloading) { reloading = true; attempt(); }
  }

  function attempt() {
    // Only once the server answers with a page of ours: a screen that reloads into nothing, a
    // proxy's error or a sign-in stays there.
    function later() { setTimeout(attempt, AGAIN); }
    if (party) { return later(); }
    fetch(location.href, { cache: "no-store", credentials: "same-origin" }).then(function (answer) {
      return answer.ok ? answer.text() : "";
    }).then(function (text) {
      if (OURS.test(text)) { location.reload(); } else { later(); }
    }).catch(later);
  }

  var step = 0;   // no pixel shows the same for ever
  setInterval(function () {
    step = (step + 1) % 16;
    var angle = step * Math.PI / 8;
    var shift = "translate(" + Math.round(4 * Math.cos(angle)) + "px," + Math.round(4 * Math.sin(angle)) + "px)";
    moved.forEach(function (each) { each.style.transform = shift; });
  }, 90000);

  if (!main) {
    document.addEventListener("DOMContentLoaded", function () { moved = [document.body.firstElementChild]; });
    setTimeout(reload, AGAIN);
    return;
  }

  var said = document.getElementById("said");
  var heardAs = document.getElementById("heard");
  var words = JSON.parse(document.getElementById("words").textContent);
  var socket = null, tries = 0, heard = Date.now(), begun = heard, lostAt = null, at = 0, timer = null;
  var titles = [], saidWidth = 0, gone = false;   // gone: it was switched off
  moved = [main, said];

  function written(time, options) {   // on the clock of the plan that is shown
    var all = faces(), face = all[at % Math.max(all.length, 1)];
    options.timeZone = (face && face.getAttribute("data-zone")) || undefined;
    return new Intl.DateTimeFormat(page.lang, options).format(time);
  }
  function clock(time) { return written(time, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }); }
  function day(time) {   // 11/20, Nov 20: as the server writes it
    return written(time, { month: page.lang === "ja" ? "numeric" : "short", day: "numeric" });
  }

  function mark(name, yes) {
    if (page.classList.contains(name) !== yes) { page.classList.toggle(name); }
  }

  function say() {
    var now = Date.now();
    if (lostAt === null) {
      said.textContent = words.checked.replace("{time}", clock(heard));
    } else {
      var since = (now - lostAt > 43200000 ? day(lostAt) + " " : "") + clock(lostAt);
      said.textContent = words.lost.replace("{time}", since);
    }
    mark("lost", lostAt !== null);
    mark("long-lost", lostAt !== null && now - lostAt > LONG);
    var width = said.offsetWidth;
    if (width !== saidWidth) {   // what it says of itself needs more room, or less
      saidWidth = width;
      page.style.setProperty("--said", width + "px");
      turn();
    }
  }

  // --- faces ---

  function faces() { return main.querySelectorAll(".face"); }

  function turn() {
    if (gone) { return; }
    var all = faces();
    if (all.length < 2) { at = 0; }
    for (var i = 0; i < all.length; i++) { all[i].hidden = i !== at % all.length; }
    var face = all[at % all.length];
    if (!face) { return; }
    fit(face);
    document.title = titles[at % all.length] || document.title;
    var told = face.getAttribute("data-heard") || "";
    if (heardAs.textContent !== told) { heardAs.textContent = told; }
  }

  function show(list) {
    var keep = at % Math.max(faces().length, 1);
    var html = list.map(function (each) { return each.html; }).join("");
    titles = list.map(function (each) { return each.title; });
    if (main.getAttribute("data-shown") !== html) {
      main.setAttribute("data-shown", html);
      main.innerHTML = html;
      at = keep;
    }
    turn();
  }

  // --- room ---

  var STEPS = ["few", "brief", "unowned", "low", "close", "one", "mid", "unwatched", "less", "cut",
    "unforeseen", "landless", "cutter", "least", "squeezed", "trackless"];   // each leaves more room; see the style sheet
  var CLOSE = ["short-days", "short-weeks", "nameless", "dayless", "next-only", "target-only", "last-only"];   // labels of the track
  // What may end in …, after how many lines, and after how many where that is not enough.
  var CUT = [["h1", 2, 1], [".rule .why b, .rule .why b span", 2, 1], [".rule li", 2, 1], [".rule .owner", 1, 1], [".look", 1, 1],
    [".notice", 2, 1], [".facts .owner dd", 2, 1]];
  var TRACK = 30;   // the month's track and its labels, in percent of the screen's height
  var SQUEEZED = 22;   // where nothing else is left to leave out

  function overflows(face) {
    if (face.scrollHeight > face.clientHeight + 1 || face.scrollWidth > face.clientWidth + 1) { return true; }
    var number = face.querySelector(".number"), month = face.querySelector(".month");
    if (number && number.scrollWidth > number.clientWidth + 1) { return true; }
    var least = (face.classList.contains("squeezed") ? SQUEEZED : TRACK) * window.innerHeight / 100;
    return !!month && month.offsetParent !== null && outer(month) < least;
  }

  function outer(element) {   // with the room for its labels
    var style = getComputedStyle(element);
    return element.clientHeight + parseFloat(style.marginTop) + parseFloat(style.marginBottom);
  }

  function collide(face) {   // labels of the track that touch one another, or leave its place
    spread(face);
    var texts = face.querySelectorAll(".track text"), boxes = [];
    for (var i = 0; i < texts.length; i++) {
      var box = texts[i].getBoundingClientRect();
      if (box.width > 0) { boxes.push(box); }
    }
    var top = face.querySelector(".track") ? face.querySelector(".track").getBoundingClientRect().top : 0;
    var over = [].some.call(face.querySelectorAll(".track .name"), function (name) {
      var box = name.getBoundingClientRect();
      return box.height > 0 && box.top < top - box.height * 1.1;
    });
    return over || boxes.some(function (a, n) {
      return boxes.slice(n + 1).some(function (b) {
        var gap = a.height * 0.4;
        return a.left < b.right + gap && b.left < a.right + gap && Math.abs(a.top - b.top) < a.height / 2;
      });
    });
  }

  function spread(face) {   // the lines' names, from the lowest on, each above the one before
    var names = [].slice.call(face.querySelectorAll(".track .name"));
    names.forEach(function (name) { name.style.transform = ""; });
    var boxes = names.map(function (name) { return { name: name, box: name.getBoundingClientRect() }; });
    boxes = boxes.filter(function (each) { return each.box.height > 0; });
    boxes.sort(function (a, b) { return b.box.top - a.box.top; });
    var places = boxes.map(function (each) { return each.box.top; });
    for (var n = 1; n < places.length; n++) { places[n] = Math.min(places[n], places[n - 1] - boxes[n].box.height * 0.9); }
    boxes.forEach(function (each, n) { each.name.style.transform = "translateY(" + (places[n] - each.box.top).toFixed(1) + "px)"; });
  }

  function lines(element) {
    var range = document.createRange(), tops = [];
    range.selectNodeContents(element);
    var boxes = range.getClientRects();
    for (var i = 0; i < boxes.length; i++) {
      var top = Math.round(boxes[i].top + boxes[i].height / 2);
      if (boxes[i].width > 0 && !tops.some(function (each) { return Math.abs(each - top) < 4; })) { tops.push(top); }
    }
    return tops.length;
  }

  function shorten(element, most) {   // to so many lines, with … at its end
    var whole = element.textContent;
    if (element.firstElementChild || lines(element) <= most) { return; }
    if (!element.hasAttribute("data-whole")) { element.setAttribute("data-whole", whole); }
    var fits = 0, over = whole.length;
    while (over - fits > 1) {
      var middle = (fits + over) >> 1;
      element.textContent = whole.slice(0, middle) + "…";
      if (lines(element) <= most) { fits = middle; } else { over = middle; }
    }
    element.textContent = whole.slice(0, fits).replace(/[\uD800-\uDBFF]$/, "").trim() + "…";
  }

  function all(face, selector, what) { [].forEach.call(face.querySelectorAll(selector), what); }

  function cut(face) {
    all(face, "[data-whole]", function (element) { element.textContent = element.getAttribute("data-whole"); });
    if (!face.classList.contains("cut")) { return; }
    CUT.forEach(function (one) {
      var most = one[face.classList.contains("cutter") ? 2 : 1];
      all(face, one[0], function (element) { shorten(element, most); });
    });
  }

  function set(face, name, yes) {
    face.classList[yes ? "add" : "remove"](name);
    cut(face);
  }

  function leaveOut(face, names, isWrong) {
    for (var n = 0; n < names.length && isWrong(face); n++) { set(face, names[n], true); }
    for (n -= 2; n >= 0; n--) {   // what was left out for nothing comes back
      set(face, names[n], false);
      if (isWrong(face)) { set(face, names[n], true); }
    }
  }

  function fit(face) {
    STEPS.concat(CLOSE).forEach(function (name) { face.classList.remove(name); });
    cut(face);
    leaveOut(face, STEPS, overflows);
    leaveOut(face, CLOSE, collide);
  }

  // --- the line to the server ---

  function take(message) {
    heard = Date.now();
    lostAt = null;
    tries = 0;
    if (message.off) { return off(message.off); }
    // Until it has been loaded anew, what it shows is kept true.
    var grown = message.least && message.least.toFixed(2) !== page.getAttribute("data-least");
    if (grown || (message.build && message.build !== page.getAttribute("data-build"))) { reload(); }
    if (message.faces) { show(message.faces); }
    if (typeof message.asleep === "boolean") { page.classList.toggle("asleep", message.asleep); }
    if (message.party) { celebrate(message.party); }
    say();
  }

  function off(text) {
    drop();
    clearTimeout(partyEnds);
    party = null;
    parties = [];
    gone = true;
    document.body.textContent = "";
    document.title = text;
    var p = document.createElement("p");
    p.className = "off";
    p.textContent = text;
    document.body.appendChild(p);
    moved = [p];
    setTimeout(reload, AGAIN);   // it may have been given another link
  }

  function drop() {   // from here on the old line says nothing more, however late it ends
    if (!socket) { return; }
    socket.onmessage = socket.onclose = null;
    try { socket.close(); } catch (error) { /* it was closed already */ }
    socket = null;
  }

  function connect() {
    clearTimeout(timer);
    timer = null;
    drop();
    var secure = location.protocol === "https:" ? "wss://" : "ws://";
    var url = secure + location.host + page.getAttribute("data-live") + location.search;
    begun = Date.now();
    try { socket = new WebSocket(url); } catch (error) { return again(); }
    socket.onmessage = function (event) { take(JSON.parse(event.data)); };
    socket.onclose = again;
  }

  function again() {
    drop();
    if (lostAt === null) { lostAt = heard; }
    if (timer !== null) { return; }
    var wait = WAITS[Math.min(tries++, WAITS.length - 1)];
    timer = setTimeout(connect, wait * (0.75 + Math.random() / 2));
    say();
  }

  setInterval(function () {   // also after a laptop's sleep, and where a connection never comes
    var quiet = Date.now() - Math.max(heard, begun);
    if (socket && quiet > (socket.readyState === 1 ? QUIET : SLOW)) { again(); }
    say();
  }, 5000);

  window.addEventListener("online", function () { if (lostAt !== null) { connect(); } });

  // --- time on the wall ---

  var every = Number(page.getAttribute("data-every")) * 1000;
  if (every > 0) { setInterval(function () { if (!party) { at++; turn(); } }, every); }

  var loaded = Date.now();
  setInterval(function () {   // nightly, once, at half past three
    var now = new Date();
    if (now.getHours() === 3 && now.getMinutes() >= 30 && Date.now() - loaded > 7200000) { reload(); }
  }, 60000);

  window.addEventListener("resize", turn);

  // --- the target is reached ---

  function celebrate(what) {
    if (party) { parties.push(what); return; }
    party = document.createElement("section");
    party.id = "party";
    party.className = "s-achieved" + (what.record ? " record" : "");
    party.setAttribute("role", "status");
    party.innerHTML = what.html;
    document.body.appendChild(party);
    ["less", "least"].forEach(function (name) { if (tooLarge()) { party.classList.add(name); } });
    if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) { confetti(party, what.seconds, what.record); }
    if (page.hasAttribute("data-sound")) { fanfare(what.record); }
    partyEnds = setTimeout(over, what.seconds * 1000);
  }

  function tooLarge() {
    var texts = [].slice.call(party.children);
    var high = party.lastChild.getBoundingClientRect().bottom - party.firstChild.getBoundingClientRect().top;
    return high > window.innerHeight * 0.9 - 8 || texts.some(function (text) { return text.offsetWidth > window.innerWidth * 0.9 - 8; });
  }

  function over() {
    document.body.removeChild(party);
    party = null;
    turn();
    if (parties.length) { celebrate(parties.shift()); }
  }

  function confetti(where, seconds, record) {
    var canvas = document.createElement("canvas");
    where.insertBefore(canvas, where.firstChild);
    canvas.width = window.innerWidth / 2;
    canvas.height = window.innerHeight / 2;
    var brush = canvas.getContext("2d"), ends = Date.now() + seconds * 1000, unit = Math.min(canvas.width, canvas.height) / 400;
    var colours = record ? ["#0e1319", "#0b5cad", "#b52f09", "#fbfaf7", "#7c5800"] : ["#f0c24b", "#6cb8f0", "#f39c2c", "#7fbf9a", "#d9a0c4"];
    var bits = [];
    for (var i = 0; i < (record ? 160 : 80); i++) {
      bits.push({ x: Math.random() * canvas.width, y: -Math.random() * canvas.height, v: (1.5 + Math.random() * 2.5) * unit, w: (3 + Math.random() * 4) * unit, t: Math.random() * 6, c: colours[i % colours.length] });
    }
    (function draw() {
      if (party !== where || Date.now() > ends) { return; }
      brush.clearRect(0, 0, canvas.width, canvas.height);
      bits.forEach(function (bit) {
        bit.y += bit.v; bit.t += 0.05;
        if (bit.y > canvas.height) { bit.y = -8 * unit; bit.x = Math.random() * canvas.width; }
        brush.fillStyle = bit.c;
        brush.fillRect(bit.x + 6 * unit * Math.sin(bit.t), bit.y, bit.w, bit.w * (0.4 + 0.6 * Math.abs(Math.cos(bit.t))));
      });
      setTimeout(function () { requestAnimationFrame(draw); }, 33);   // a Raspberry Pi has to keep up
    })();
  }

  function fanfare(record) {
    try {
      var sound = new (window.AudioContext || window.webkitAudioContext)();
      [523.25, 659.25, 783.99, 1046.5].concat(record ? [783.99, 1046.5, 1318.51] : []).forEach(function (pitch, n) {
        var tone = sound.createOscillator(), volume = sound.createGain(), begin = sound.currentTime + n * 0.16;
        tone.frequency.value = pitch;
        volume.gain.setValueAtTime(0.12, begin);
        volume.gain.exponentialRampToValueAtTime(0.001, begin + 0.9);
        tone.connect(volume); volume.connect(sound.destination);
        tone.start(begin); tone.stop(begin + 1);
      });
      setTimeout(function () { sound.close(); }, 4000);
    } catch (error) { /* a browser that has no sound, or wants a touch first, stays silent */ }
  }

  var going = false;
  function go() {
    if (going) { return; }
    going = true;
    turn();
    say();
    connect();
  }
  // The number is on the screen first: painting goes on after the frame, and would have to share
  // the processor. A window that nobody sees yet paints nothing, and goes on too.
  requestAnimationFrame(function () { setTimeout(go, 100); });
  setTimeout(go, 500);
})();
