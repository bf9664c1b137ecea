'use strict';

/** Adds the members of `qs`; arrays repeat their name, null and undefined say nothing. */
function address(uri, qs) {
  const url = new URL(uri);
  for (const [name, value] of Object.entries(qs ?? {})) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined) url.searchParams.append(name, String(item));
    }
  }
  return url;
}

async function exchange(params) {
  const deadline = params.timeout === undefined ? [] : [AbortSignal.timeout(params.timeout)];
  const signals = params.signal === undefined ? deadline : [...deadline, params.signal];
  const answer = await fetch(address(params.uri, params.qs), {
    method: params.method,
    headers: params.headers ?? {},
    body: params.body ?? null,
    signal: AbortSignal.any(signals),
    // A redirect could lead a request that carries a token anywhere: the caller gets to see the 3xx.
    redirect: 'manual',
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return {
    statusCode: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: params.encoding === null ? bytes : bytes.toString('utf8'),
  };
}

/** The one call shape of the old `request` package that matrix-bot-sdk uses, over fetch. */
module.exports = function request(params, callback) {
  exchange(params).then(
    (response) => callback(null, response, response.body),
    (error) => callback(error),
  );
};
