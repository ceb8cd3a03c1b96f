'use strict';

async function load(prices, name) {
  return { name, cents: await prices(name) };
}

// The sum of what some articles cost.
async function total(prices, names) {
  let sum = 0;
  for (const name of names) {
    const article = load(prices, name);
    sum += Number(article.cents.toFixed(0));
  }
  return sum;
}

module.exports = { load, total };
