# leak - what softmax(x * mask) gives to the masked entries, against the law.
load palette
set title "Leak of multiply, softmax(x * mask): rows on the law N / (N + e^{LSE})"
set xlabel "LSE of the valid logits - ln N [nats]     (N masked entries)"
set ylabel "leak: probability on masked entries"
set logscale y
set format y "10^{%T}"
set yrange [1e-12:3]
set xrange [-20:30]
set key bottom left
set samples 400
$article << END
6.907 0.001 "0.1 %: typical, says the article"
2.923 0.051 "5.1 %: its worst"
END
plot 1 / (1 + exp(x)) with lines lw 2 lc rgb grey title "the law", \
     data using 1:2 with points pt 6 ps 0.7 lc rgb colour[1] title "rows of suite plain, f32", \
     $article using 1:2 with points pt 7 ps 1.2 lc rgb colour[2] title "Maia2, by the article (N about 1850)", \
     $article using 1:2:3 with labels offset 1,0.8 left notitle
