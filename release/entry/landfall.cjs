#!/usr/bin/env node
// What `landfall` is, once npm has installed it. Node of any age reads this file, to say which one is needed.
'use strict';
var need = require('../package.json').engines.node.replace('>=', '').split('.').map(Number);
var have = process.versions.node.split('.').map(Number);
if (have[0] > need[0] || (have[0] === need[0] && have[1] >= need[1])) {
  require('./start.cjs');
} else {
  process.stderr.write(
    'landfall: this is Node ' +
      process.versions.node +
      ' (' +
      process.execPath +
      '), and ' +
      need.join('.') +
      ' or newer is needed\n' +
      '  next: install Node 24, or put it first on the PATH; the container image and the executable bring their own\n',
  );
  process.exitCode = 2;
}
