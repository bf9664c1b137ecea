'use strict';

/** matrix-bot-sdk names this package and never loads it. */
module.exports = function requestPromise() {
  throw new Error('request-promise is not there: use fetch');
};
