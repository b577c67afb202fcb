import { handlerOfKinds } from './kind-handler.ts';
import { AWS_KINDS } from './work/aws-kinds.ts';

/** Runs one deploy of a document. */
export const handler = handlerOfKinds(AWS_KINDS);
