import * as z from 'zod/mini';
import { type Digest, isDigest } from '../oci/digest.ts';

/** A digest in what is kept. */
export const digestSchema = z.custom<Digest>(
  (value) => typeof value === 'string' && isDigest(value),
  'not a digest',
);
