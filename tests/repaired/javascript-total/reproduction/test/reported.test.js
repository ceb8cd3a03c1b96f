const test = require('node:test');
const assert = require('node:assert');

const { total } = require('../total.js');

test('articles cost the sum of their prices', async () => {
  assert.strictEqual(await total(async () => 150, ['pear', 'plum']), 300);
});
