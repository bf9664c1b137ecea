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
  const isDownload = params.encoding === null && answer.ok;
  const bytes = await read(answer, params.encoding === null ? limitOf(params, isDownload) : undefined);
  return {
    statusCode: answer.status,
    headers: Object.fromEntries(answer.headers),
    // What went wrong is told in JSON, also of a download.
    body: isDownload ? bytes : bytes.toString('utf8'),
  };
}

const maxErrorBytes = 64 * 1024;

function limitOf({ maxBytes = Number.POSITIVE_INFINITY }, isDownload) {
  return isDownload ? maxBytes : maxErrorBytes;
}

/** The bytes as they come, and no more of them than may come: what a header says of them is not believed. */
async function read(answer, maxBytes) {
  if (maxBytes === undefined || answer.body === null) return Buffer.from(await answer.arrayBuffer());
  const chunks = [];
  let length = 0;
  // To leave the loop by throwing cancels the stream, and with it the connection.
  for await (const chunk of answer.body) {
    length += chunk.length;
    if (length > maxBytes) throw Object.assign(new Error('The answer is too large'), { name: tooLarge });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = 'TooLargeError';

/** The one call shape of the old `request` package that matrix-bot-sdk uses, over fetch. */
module.exports = function request(params, callback) {
  exchange(params).then(
    (response) => callback(null, response, response.body),
    (error) => callback(error),
  );
};
module.exports.tooLarge = tooLarge;
