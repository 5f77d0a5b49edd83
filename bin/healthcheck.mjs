#!/usr/bin/env node
// For a container's HEALTHCHECK: 0 when the worker or the API in it answers /readyz with yes. KEYWARD_HEALTH_URL names another address.
const port = (name, fallback) => process.env[name] || fallback;
const urls = process.env.KEYWARD_HEALTH_URL
  ? [process.env.KEYWARD_HEALTH_URL]
  : [`http://127.0.0.1:${port('KEYWARD_WORKER_PORT', '9464')}/readyz`, `http://127.0.0.1:${port('KEYWARD_HTTP_PORT', '8080')}/readyz`];

async function isReady(url) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
}

try {
  await Promise.any(urls.map(isReady));
} catch (error) {
  console.error(error instanceof AggregateError ? error.errors.map(String).join('; ') : String(error));
  process.exitCode = 1;
}
