"use strict";
/* Keeps one screen true for as long as it hangs. What it shows stands in the document; this only
   exchanges faces when the server sends others, and says since when it hears nothing. */
(function () {
  var page = document.documentElement;
  var main = document.querySelector("main");
  var said = document.getElementById("said");
  var words = JSON.parse(document.getElementById("words").textContent);
  var QUIET = 45000;            // without a word for so long, the line is dead
  var SLOW = 15000;             // a line that has not come about by then does not
  var WAITS = [500, 1000, 2000, 4000, 8000, 15000, 30000];
  var socket = null, tries = 0, heard = Date.now(), begun = heard, lostAt = null, at = 0, timer = null;

  function two(n) { return (n < 10 ? "0" : "") + n; }
  function clock(time) { var d = new Date(time); return two(d.getHours()) + ":" + two(d.getMinutes()); }
  function day(time) { var d = new Date(time); return (d.getMonth() + 1) + "/" + d.getDate(); }

  function say() {
    var now = Date.now();
    if (lostAt === null) {
      said.textContent = words.checked.replace("{time}", clock(heard));
    } else {
      var since = (now - lostAt > 43200000 ? day(lostAt) + " " : "") + clock(lostAt);
      said.textContent = words.lost.replace("{time}", since);
    }
    if (page.classList.contains("lost") !== (lostAt !== null)) {
      page.classList.toggle("lost");
      turn();   // what it says of itself needs more room, or less
    }
  }

  // --- faces ---

  function faces() { return main.querySelectorAll(".face"); }

  function turn() {
    var all = faces();
    if (all.length < 2) { at = 0; }
    for (var i = 0; i < all.length; i++) { all[i].hidden = i !== at % all.length; }
    var shown = all[at % all.length];
    if (shown) { fit(shown); document.title = shown.getAttribute("data-title") || document.title; }
  }

  function overflows(face) {
    if (face.scrollHeight > face.clientHeight + 1 || face.scrollWidth > face.clientWidth + 1) { return true; }
    var month = face.querySelector(".month");
    return !!month && month.offsetParent !== null && month.clientHeight < window.innerHeight * 0.08;
  }

  function collide(face) {   // labels above the track that touch one another
    var texts = face.querySelectorAll(".track text"), boxes = [];
    for (var i = 0; i < texts.length; i++) {
      var box = texts[i].getBoundingClientRect();
      if (box.width > 0) { boxes.push(box); }
    }
    return boxes.some(function (a, n) {
      return boxes.slice(n + 1).some(function (b) {
        var gap = a.height * 0.4;
        return a.left < b.right + gap && b.left < a.right + gap && Math.abs(a.top - b.top) < a.height / 2;
      });
    });
  }

  function fit(face) {
    face.classList.remove("tight", "tighter");
    for (var n = 1; n <= 8; n++) { face.classList.remove("drop" + n); }
    for (n = 1; n <= 8 && overflows(face); n++) { face.classList.add("drop" + n); }
    if (collide(face)) { face.classList.add("tight"); }
    if (collide(face)) { face.classList.add("tighter"); }
  }

  function show(list) {
    var keep = at % Math.max(faces().length, 1);
    var html = list.map(function (each) { return each.html; }).join("");
    if (main.getAttribute("data-shown") !== html) {
      main.setAttribute("data-shown", html);
      main.innerHTML = html;
      var all = faces();
      for (var i = 0; i < all.length; i++) { all[i].setAttribute("data-title", list[i].title); }
      at = keep;
    }
    turn();
  }

  // --- the line to the server ---

  function take(message) {
    heard = Date.now();
    lostAt = null;
    tries = 0;
    if (message.build && message.build !== page.getAttribute("data-build")) { return reload(); }
    if (message.off) { return off(message.off); }
    if (message.faces) { show(message.faces); }
    if (typeof message.asleep === "boolean") { page.classList.toggle("asleep", message.asleep); }
    if (message.party) { celebrate(message.party); }
    say();
  }

  function off(text) {
    drop();
    document.body.textContent = "";
    var p = document.createElement("p");
    p.className = "off";
    p.textContent = text;
    document.body.appendChild(p);
    setTimeout(reload, 300000);   // it may have been given another link
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

  function reload() {
    // Only once the server answers: a screen that reloads into nothing stays empty.
    fetch(location.href, { cache: "no-store" }).then(function (answer) {
      if (answer.status < 500) { location.reload(); } else { setTimeout(reload, 30000); }
    }, function () { setTimeout(reload, 30000); });
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

  var step = 0;   // no pixel shows the same for ever
  setInterval(function () {
    step = (step + 1) % 16;
    var angle = step * Math.PI / 8;
    var shift = "translate(" + Math.round(4 * Math.cos(angle)) + "px," + Math.round(4 * Math.sin(angle)) + "px)";
    main.style.transform = said.style.transform = shift;
  }, 90000);

  window.addEventListener("resize", turn);

  // --- the target is reached ---

  var party = null;

  function celebrate(what) {
    if (party) { return; }
    party = document.createElement("section");
    party.id = "party";
    party.setAttribute("role", "status");
    party.innerHTML = what.html;
    document.body.appendChild(party);
    if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) { confetti(party, what.seconds, what.record); }
    if (page.hasAttribute("data-sound")) { fanfare(); }
    setTimeout(function () { document.body.removeChild(party); party = null; turn(); }, what.seconds * 1000);
  }

  function confetti(where, seconds, record) {
    var canvas = document.createElement("canvas");
    where.insertBefore(canvas, where.firstChild);
    canvas.width = window.innerWidth / 2;
    canvas.height = window.innerHeight / 2;
    var brush = canvas.getContext("2d"), ends = Date.now() + seconds * 1000;
    var colours = ["#f0c24b", "#6cb8f0", "#f39c2c", "#7fbf9a", "#d9a0c4"], bits = [];
    for (var i = 0; i < (record ? 160 : 80); i++) {
      bits.push({ x: Math.random() * canvas.width, y: -Math.random() * canvas.height, v: 1.5 + Math.random() * 2.5, w: 3 + Math.random() * 4, t: Math.random() * 6, c: colours[i % colours.length] });
    }
    (function draw() {
      if (!party || Date.now() > ends) { return; }
      brush.clearRect(0, 0, canvas.width, canvas.height);
      bits.forEach(function (bit) {
        bit.y += bit.v; bit.t += 0.05;
        if (bit.y > canvas.height) { bit.y = -8; bit.x = Math.random() * canvas.width; }
        brush.fillStyle = bit.c;
        brush.fillRect(bit.x + 6 * Math.sin(bit.t), bit.y, bit.w, bit.w * (0.4 + 0.6 * Math.abs(Math.cos(bit.t))));
      });
      setTimeout(function () { requestAnimationFrame(draw); }, 33);   // a Raspberry Pi has to keep up
    })();
  }

  function fanfare() {
    try {
      var sound = new (window.AudioContext || window.webkitAudioContext)();
      [523.25, 659.25, 783.99, 1046.5].forEach(function (pitch, n) {
        var tone = sound.createOscillator(), volume = sound.createGain(), begin = sound.currentTime + n * 0.16;
        tone.frequency.value = pitch;
        volume.gain.setValueAtTime(0.12, begin);
        volume.gain.exponentialRampToValueAtTime(0.001, begin + 0.9);
        tone.connect(volume); volume.connect(sound.destination);
        tone.start(begin); tone.stop(begin + 1);
      });
    } catch (error) { /* a browser that wants a touch first stays silent */ }
  }

  var going = false;
  function go() {
    if (going) { return; }
    going = true;
    main.setAttribute("data-shown", "");
    turn();
    say();
    connect();
  }
  // The number is painted first. A window that nobody sees yet paints nothing, and goes on too.
  requestAnimationFrame(function () { setTimeout(go, 0); });
  setTimeout(go, 500);
})();
