const test = require('node:test');
const assert = require('node:assert');

const { words } = require('../locale.js');

test('words are read from every folder', () => {
  const before = process.cwd();
  process.chdir('/');
  try {
    assert.strictEqual(words('en').save, 'Save');
  } finally {
    process.chdir(before);
  }
});
