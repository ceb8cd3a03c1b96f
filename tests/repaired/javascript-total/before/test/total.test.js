const test = require('node:test');
const assert = require('node:assert');

const { load, total } = require('../total.js');

test('an article has a price', async () => {
  assert.deepStrictEqual(await load(async () => 150, 'pear'), { name: 'pear', cents: 150 });
});

test('no articles cost nothing', async () => {
  assert.strictEqual(await total(async () => 150, []), 0);
});
