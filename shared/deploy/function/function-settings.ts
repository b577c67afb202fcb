import * as z from 'zod/mini';
import { DURATION, parseDuration } from '../../duration.ts';
import { ALARM_NAME_CHARACTERS, FUNCTION_SHIFTS } from '../../limits.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const isShiftTime = (value: string): boolean =>
  DURATION.test(value) && parseDuration(value) >= MINUTE_MS && parseDuration(value) <= DAY_MS;

const step = z.strictObject({
  /** Per cent of the calls that the new version gets. */
  weight: z.int().check(z.gte(1), z.lte(99)),
  for: z.string().check(z.refine(isShiftTime, 'not a time from 1m to 24h')),
});

const rises = (steps: readonly { readonly weight: number }[]): boolean =>
  steps.every(({ weight }, at) => weight > (steps[at - 1]?.weight ?? 0));

/** `123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app`: Lambda runs images of ECR alone. */
const REPOSITORY = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\/[a-z0-9][a-z0-9._/-]{1,255}$/;

/** What a deploy of a function is told in its document. */
export const functionSettings = z
  .object({
    /** Its name; it has to be there. */
    function: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'not the name of a function')),
    /** A zip in the artifact. Without it, and without `image`, what the artifact has is zipped. */
    zip: z.optional(z.string().check(z.regex(/^[^/\s][^\0]*$/, 'not a path in the artifact'))),
    /** The repository from which Lambda takes the image that the revision is. */
    image: z.optional(z.string().check(z.regex(REPOSITORY, 'not a repository of ECR, without tag'))),
    architecture: z.optional(z.enum(['x86_64', 'arm64'])),
    /** What callers name: moved to each new version. Without it they get what was last uploaded. */
    alias: z.optional(
      z.string().check(z.regex(/^(?!\d+$)[A-Za-z0-9_-]{1,128}$/, 'not the name of an alias')),
    ),
    /** Steps by which the alias moves; without any, at once. */
    shift: z._default(
      z.readonly(z.array(step).check(z.maxLength(FUNCTION_SHIFTS), z.refine(rises, 'weights have to rise'))),
      [],
    ),
    /** Alarms of CloudWatch: one that goes off while the alias moves has it moved back. */
    alarms: z._default(
      z.readonly(z.array(z.string().check(z.minLength(1), z.maxLength(ALARM_NAME_CHARACTERS)))),
      [],
    ),
  })
  .check(
    z.refine(({ zip, image }) => zip === undefined || image === undefined, {
      error: 'wanted zip or image, not both',
      path: ['image'],
    }),
    z.refine(({ alias, shift }) => alias !== undefined || shift.length === 0, {
      error: 'it is an alias that moves by steps: name it',
      path: ['shift'],
    }),
    z.refine(({ alias, alarms }) => alias !== undefined || alarms.length === 0, {
      error: 'they keep an alias from moving: name it',
      path: ['alarms'],
    }),
  );

export type FunctionSettings = z.infer<typeof functionSettings>;
