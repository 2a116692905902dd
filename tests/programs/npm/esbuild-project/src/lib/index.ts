export { Queue, type Job } from './queue';
export { describe } from '@lib/text';
export { default as settings } from './settings.json';
