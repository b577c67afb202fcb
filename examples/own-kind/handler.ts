import { kindHandler } from '../../functions/lambda/kind-handler.ts';
import { noteDeploy } from './note-deploy.ts';

/** On AWS: the function that runs deploys of this kind. */
export const handler = kindHandler(noteDeploy);
