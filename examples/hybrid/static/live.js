"use strict";
const source = new EventSource("/live/events");
const state = document.getElementById("state");
source.onopen = () => { state.textContent = "Connected."; };
source.onerror = () => { state.textContent = "Connecting again."; };
source.onmessage = (message) => {
  document.getElementById("uptime").textContent = JSON.parse(message.data).uptime.toFixed(1);
};
