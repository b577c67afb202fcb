import { AWS_KINDS } from './deploys/aws-kinds.ts';
import { handlerOfKinds } from './kind-handler.ts';

/** Runs one deploy of a document. */
export const handler = handlerOfKinds(AWS_KINDS);
