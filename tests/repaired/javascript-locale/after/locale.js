'use strict';

const fs = require('node:fs');
const path = require('node:path');

// The words of a language, from the folder beside this file.
function words(language) {
  return JSON.parse(fs.readFileSync(path.join(__dirname, 'locales', `${language}.json`), 'utf8'));
}

module.exports = { words };
