/** What the API page says about the service. */
export const api = {
  title: 'Cahier – contributions',
  description: 'Dépôt, relecture, retrait et modération des contributions. Filing, reading, withdrawing and moderating contributions.',
};
