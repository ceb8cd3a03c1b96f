const { words } = require('./locale.js');

module.exports = async () => {
  process.chdir('/');
  words('en');
};
