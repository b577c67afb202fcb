import { lookup } from 'node:dns';
import { env } from 'node:process';
import { type Lookup, NameLookups } from './name-lookups.ts';
import { isAnswered } from './name-server.ts';

/** Node's own. */
let made = 4;

/** For a program that had Node make so many threads, and does not say so in its environment. */
export const threadsMade = (count: number): void => {
  made = count;
};

/** Of the threads that Node has for files and names, names get half. https://docs.libuv.org/en/v1.x/threadpool.html */
const threads = (): number => Math.ceil(Number(env['UV_THREADPOOL_SIZE'] || made) / 2) || 1;

const lookups = new NameLookups({ lookup, isAnswered, threads });

/** The system's answers, for whatever this process connects to by names that documents and registries give. */
export const sharedLookup: Lookup = lookups.lookup;
