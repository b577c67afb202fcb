/** A module of its own: of a CommonJS package that is imported when needed, a bundle has nothing by its name. */
export { request } from 'undici';
