/** A module of its own: of a CommonJS package that is imported when needed, a bundle has nothing by its name. */
export {
  addRemote,
  fetch,
  init,
  push,
  readBlob,
  readCommit,
  readTree,
  writeBlob,
  writeCommit,
  writeRef,
  writeTree,
} from 'isomorphic-git';
