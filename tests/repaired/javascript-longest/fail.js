const { longest } = require('./longest.js');

module.exports = async () => longest([]);
