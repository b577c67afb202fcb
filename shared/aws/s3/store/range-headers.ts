import type { ByteRange } from '../../../model/artifact-store.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export const rangeHeaders = (range: ByteRange | undefined): Readonly<Record<string, string>> =>
  range === undefined ? {} : { range: `bytes=${range.offset}-${range.offset + range.size - 1}` };
