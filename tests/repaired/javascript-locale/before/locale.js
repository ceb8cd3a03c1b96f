'use strict';

const fs = require('node:fs');

// The words of a language, from the folder beside this file.
function words(language) {
  return JSON.parse(fs.readFileSync(`./locales/${language}.json`, 'utf8'));
}

module.exports = { words };
