const test = require('node:test');
const assert = require('node:assert');

const { words } = require('../locale.js');

test('words are read', () => {
  assert.strictEqual(words('en').save, 'Save');
});
