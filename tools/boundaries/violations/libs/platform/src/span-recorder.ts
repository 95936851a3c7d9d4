export const recorder = 'recorder';
