# tradeoff - accuracy against speed of what is right: down is more accurate, left is faster.
load palette
set title "Accuracy against speed, f32, one core" noenhanced
set xlabel "time / time of a masked copy (mean over the shapes)"
set ylabel "largest error of all rows [ulp]"
set logscale xy
set format xy "%g"
set yrange [0.35:*]
set xrange [0.8:2000]
set key off
set arrow from graph 0, first 0.5 to graph 1, first 0.5 nohead dt 2 lc rgb grey
set label "0.5: correctly rounded" at graph 0.03, first 0.43 tc rgb grey font ",12"
set termoption noenhanced
plot data using 2:3:(0):($4 - $3) with vectors nohead lc rgb grey lw 0.7, \
     data using 2:3 with points pt 7 ps 0.8 lc rgb colour[1], \
     data using 2:4:1 with labels left offset 0.4,0.3 font ",12"
