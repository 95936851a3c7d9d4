export const useless = 'a handler';
