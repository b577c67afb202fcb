/** What V8 spends on a function of WebAssembly before it makes its best code of it: as it stands, and for some forty answers. */
const BUDGET = { usual: 13_000_000, few: 500_000_000 };

/**
 * Has V8 wait with its best code for what reads HTTP, which is WebAssembly: as it stands, it makes it after the first few
 * hundred bytes of headers, and a command that asks for three answers takes 30 ms longer to end, for the thread that makes
 * it has to. After some forty answers it still comes.
 *
 * The flag is only another while the module is made, which is when V8 looks. As long as one is, V8 takes nothing that was
 * compiled before, of Node's own modules too: the start of a command takes 15 ms longer, that of a thread 20.
 */
function expectFewAnswers() {
  const { Module } = WebAssembly;
  WebAssembly.Module = class extends Module {
    /** @param {ConstructorParameters<typeof Module>} made */
    constructor(...made) {
      WebAssembly.Module = Module;
      const { setFlagsFromString } = require('node:v8');
      setFlagsFromString(`--wasm-tiering-budget=${BUDGET.few}`);
      try {
        super(...made);
      } finally {
        setFlagsFromString(`--wasm-tiering-budget=${BUDGET.usual}`);
      }
    }
  };
}

module.exports = { expectFewAnswers };
