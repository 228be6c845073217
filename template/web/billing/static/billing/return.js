// On the page that people come back to from Stripe: asks whether the news of the payment are here.
// Where no script runs, the page asks for itself again instead.
const FIRST = 500; // milliseconds
const LONGEST = 5000;
const ALTOGETHER = 90000;

const place = document.querySelector("[data-checkout]");
const began = Date.now();

async function isWaiting() {
  const answer = await fetch(place.dataset.checkout, { headers: { Accept: "application/json" } });
  // Stripe or we are busy: that says nothing about the payment.
  if (answer.status === 429 || answer.status >= 500) return true;
  return answer.ok && (await answer.json()).status === "processing";
}

async function look(pause) {
  if (await isWaiting().catch(() => true)) {
    if (Date.now() - began > ALTOGETHER) return;
    setTimeout(look, pause, Math.min(pause * 1.5, LONGEST));
  } else {
    location.reload();
  }
}

setTimeout(look, FIRST, FIRST * 2);
