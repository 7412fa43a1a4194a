export  const  untouched = "by anybody" ;
	export type  Odd={a:1}
