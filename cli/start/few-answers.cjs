const { setFlagsFromString } = require('node:v8');

/**
 * Has V8 wait with its best code for what reads HTTP, which is WebAssembly: as it stands, it makes it after the first few
 * hundred bytes of headers, and a command that asks for three answers takes 30 ms longer to end, for the thread that makes
 * it has to. After some forty answers it still comes.
 */
function expectFewAnswers() {
  setFlagsFromString('--wasm-tiering-budget=500000000');
}

module.exports = { expectFewAnswers };
