import { of } from 'rxjs';

export const used = of(1);
